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
import type { Roles } from '@hybrid-sync/store';
import { z } from 'zod';

export interface ProjectorConfig extends BaseConfig {
  readonly databaseUrl: string;
  readonly allowUnsafeDatabase: boolean;
}

const variables = {
  ...baseSettings,
  ...managementSettings(9103),
  ...databaseSettings,
  ALLOW_UNSAFE_DATABASE: z
    .enum(['true', 'false'])
    .default('false')
    .describe(
      'true: also runs on a database with fsync, full_page_writes or synchronous_commit off, which is faster and may lose committed rows, or more, when its machine goes down.',
    ),
};

export const configuration: ConfigurationSchema<ProjectorConfig> = {
  variables,
  schema: z.object(variables).transform((values) => ({
    ...baseConfigOf(values),
    databaseUrl: values.DATABASE_URL,
    allowUnsafeDatabase: values.ALLOW_UNSAFE_DATABASE === 'true',
  })),
};

/** What must never be written anywhere. */
export function secretsOf({ databaseUrl, kafka }: ProjectorConfig): readonly string[] {
  return [...databaseSecrets(databaseUrl), ...(kafka.sasl === undefined ? [] : [kafka.sasl.password])];
}

export interface MigrationConfig {
  readonly logLevel: string;
  readonly databaseUrl: string;
  readonly roles: Roles;
}

const role = z.string().min(1).max(63).optional();

const migrationVariables = {
  LOG_LEVEL: processSettings.LOG_LEVEL,
  ...databaseSettings,
  PROJECTOR_DATABASE_ROLE: role.describe(
    'Role that the projector connects as: gets what it needs, and no right to change the schema. It must exist.',
  ),
  QUERY_DATABASE_ROLE: role.describe('Role that query-api connects as: may read, and nothing else. It must exist.'),
};

export const migrationConfiguration: ConfigurationSchema<MigrationConfig> = {
  variables: migrationVariables,
  schema: z.object(migrationVariables).transform((values) => ({
    logLevel: values.LOG_LEVEL,
    databaseUrl: values.DATABASE_URL,
    roles: { projector: values.PROJECTOR_DATABASE_ROLE ?? null, query: values.QUERY_DATABASE_ROLE ?? null },
  })),
};

export function migrationSecretsOf({ databaseUrl }: MigrationConfig): readonly string[] {
  return databaseSecrets(databaseUrl);
}
