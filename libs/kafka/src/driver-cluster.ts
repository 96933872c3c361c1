import type { Admin, Kafka } from 'kafkajs';

/** What the driver keeps its connections in. Its types say nothing of it: whatever is asked of it is looked up. */
export type DriverCluster = object;

const makesClusters = 'private:Kafka:createCluster';

/** An admin client together with the cluster that the driver makes for it and shows to nobody else. */
export function adminWithCluster(kafka: Kafka): { readonly admin: Admin; readonly cluster: DriverCluster } {
  const clusters: unknown[] = [];
  const isMaker = (name: string | symbol): boolean => typeof name === 'symbol' && name.description === makesClusters;
  const watched = new Proxy(kafka, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (!isMaker(name) || typeof value !== 'function') return value;
      return (...options: unknown[]): unknown => {
        const cluster: unknown = Reflect.apply(value, target, options);
        clusters.push(cluster);
        return cluster;
      };
    },
  });
  const admin = watched.admin();
  const [cluster] = clusters;
  if (!isObject(cluster)) throw new Error('kafkajs has no cluster');
  return { admin, cluster };
}

/** A field of one of the driver's objects. */
export function partOf(owner: object, name: string): object {
  const part: unknown = Reflect.get(owner, name);
  if (!isObject(part)) throw new Error(`kafkajs has no ${name}`);
  return part;
}

/** A method of one of the driver's objects, called. */
export async function ask(owner: object, method: string, ...args: readonly unknown[]): Promise<unknown> {
  const called = partOf(owner, method);
  if (typeof called !== 'function') throw new Error(`kafkajs has no ${method}`);
  return await Reflect.apply(called, owner, args);
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
