/** A record's JSON with one field set, or without it where the value is undefined. `__proto__` is a field like others. */
export function changed(record: string, field: string, value: unknown): string {
  const entries = Object.entries(fieldsOf(record)).filter(([name]) => name !== field);
  if (value !== undefined) entries.push([field, value]);
  return `{${entries.map(([name, held]) => `${JSON.stringify(name)}:${JSON.stringify(held)}`).join(',')}}`;
}

export function fieldsOf(record: string): object {
  const fields: unknown = JSON.parse(record);
  if (typeof fields !== 'object' || fields === null) throw new Error('a record is an object');
  return fields;
}
