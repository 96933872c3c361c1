/** The only place of this package that touches the environment of the process. */
export function environment(): Readonly<Record<string, string | undefined>> {
  return process.env;
}

/** For processes that are started later, such as the workers of jest. */
export function setEnvironment(variables: Readonly<Record<string, string>>): void {
  Object.assign(process.env, variables);
}
