import {
  baseConfigOf,
  baseSettings,
  databaseSecrets,
  databaseSettings,
  managementSettings,
  processSettings,
  type BaseConfig,
  type ConfigurationSchema,
} from '@hybrid-sync/runtime';
import { z } from 'zod';

export interface ProjectorConfig extends BaseConfig {
  readonly databaseUrl: string;
}

const variables = { ...baseSettings, ...managementSettings(9103), ...databaseSettings };

export const configuration: ConfigurationSchema<ProjectorConfig> = {
  variables,
  schema: z.object(variables).transform((values) => ({ ...baseConfigOf(values), databaseUrl: values.DATABASE_URL })),
};

/** What must never be written anywhere. */
export function secretsOf({ databaseUrl, kafka }: ProjectorConfig): readonly string[] {
  return [...databaseSecrets(databaseUrl), ...(kafka.sasl === undefined ? [] : [kafka.sasl.password])];
}

export interface MigrationConfig {
  readonly logLevel: string;
  readonly databaseUrl: string;
}

const migrationVariables = { LOG_LEVEL: processSettings.LOG_LEVEL, ...databaseSettings };

export const migrationConfiguration: ConfigurationSchema<MigrationConfig> = {
  variables: migrationVariables,
  schema: z
    .object(migrationVariables)
    .transform((values) => ({ logLevel: values.LOG_LEVEL, databaseUrl: values.DATABASE_URL })),
};

export function migrationSecretsOf({ databaseUrl }: MigrationConfig): readonly string[] {
  return databaseSecrets(databaseUrl);
}
