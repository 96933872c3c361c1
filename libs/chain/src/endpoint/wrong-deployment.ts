/** The endpoints, the contract or the topics are not those of the configured deployment: nothing may be written. */
export class WrongDeploymentError extends Error {
  override readonly name = 'WrongDeploymentError';
}
