import {
  baseConfigOf,
  baseSettings,
  databaseSecrets,
  databaseSettings,
  managementSettings,
  type BaseConfig,
  type ConfigurationSchema,
} from '@hybrid-sync/runtime';
import { z } from 'zod';

export interface QueryApiConfig extends BaseConfig {
  readonly databaseUrl: string;
  readonly port: number;
  /** Empty: writes are open. */
  readonly apiKeys: readonly string[];
  readonly maxStalenessSeconds: number;
}

const variables = {
  ...baseSettings,
  ...managementSettings(9104),
  ...databaseSettings,
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000).describe('Port of the monitor API.'),
  API_KEYS: z
    .string()
    .transform((text) =>
      text
        .split(',')
        .map((key) => key.trim())
        .filter(Boolean),
    )
    .pipe(z.array(z.string()).min(1, 'must hold at least one key'))
    .optional()
    .describe('Keys that may write (force-sync), comma-separated; several are valid at once. Secret.'),
  API_OPEN_WRITES: z
    .enum(['true', 'false'])
    .default('false')
    .describe('true: writes need no key although the listener is not on loopback. Anybody may then start a backfill.'),
  MAX_STALENESS_SECONDS: z.coerce
    .number()
    .min(0)
    .default(120)
    .describe(
      'Oldest asOf block, in seconds, that "not revoked" is said of. 0: no limit, for chains that mine on demand.',
    ),
};

type Values = z.output<z.ZodObject<typeof variables>>;

export const configuration: ConfigurationSchema<QueryApiConfig> = {
  variables,
  schema: z
    .object(variables)
    .superRefine(refuseOpenWrites)
    .transform((values) => ({
      ...baseConfigOf(values),
      databaseUrl: values.DATABASE_URL,
      port: values.PORT,
      apiKeys: values.API_KEYS ?? [],
      maxStalenessSeconds: values.MAX_STALENESS_SECONDS,
    })),
};

/** What must never be written anywhere. */
export function secretsOf({ databaseUrl, apiKeys, kafka }: QueryApiConfig): readonly string[] {
  return [...databaseSecrets(databaseUrl), ...apiKeys, ...(kafka.sasl === undefined ? [] : [kafka.sasl.password])];
}

function refuseOpenWrites(values: Values, context: z.core.$RefinementCtx<Values>): void {
  if (values.API_KEYS !== undefined || values.API_OPEN_WRITES === 'true' || isLoopback(values.HOST)) return;
  const message = 'is required where HOST is not a loopback address, unless API_OPEN_WRITES=true';
  context.addIssue({ code: 'custom', path: ['API_KEYS'], message });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}
