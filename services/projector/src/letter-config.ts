import { databaseSecrets, databaseSettings, processSettings, type ConfigurationSchema } from '@hybrid-sync/runtime';
import { z } from 'zod';

/** For what needs the database alone. */
export interface LetterConfig {
  readonly logLevel: string;
  readonly databaseUrl: string;
}

const variables = { LOG_LEVEL: processSettings.LOG_LEVEL, ...databaseSettings };

export const letterConfiguration: ConfigurationSchema<LetterConfig> = {
  variables,
  schema: z.object(variables).transform((values) => ({ logLevel: values.LOG_LEVEL, databaseUrl: values.DATABASE_URL })),
};

export function letterSecretsOf({ databaseUrl }: LetterConfig): readonly string[] {
  return databaseSecrets(databaseUrl);
}
