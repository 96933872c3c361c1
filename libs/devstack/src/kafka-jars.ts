import { inCheckout } from './checkout.js';
import { mavenClassPath } from './maven-jars.js';

/** Class path with the broker, its tools and the Java clients. */
export function kafkaClassPath(): Promise<string> {
  return mavenClassPath({ name: 'kafka', pom: inCheckout('deploy', 'kafka', 'pom.xml') });
}
