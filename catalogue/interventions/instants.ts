/** Instants are texts, RFC 3339 in UTC with milliseconds, and compare as such. */

const HOUR = 3_600_000;

export const hoursAfter = (at: string, hours: number): string => new Date(Date.parse(at) + hours * HOUR).toISOString();

export const daysAfter = (at: string, days: number): string => hoursAfter(at, days * 24);

/** The end of what lasts so many hours from an instant on, where it lasts. */
export const endOf = (at: string, hours: number | undefined): string | undefined =>
  hours === undefined ? undefined : hoursAfter(at, hours);

/** The last of the instants that there are. */
export const latest = (...instants: readonly (string | undefined)[]): string | undefined =>
  instants.reduce((last, each) => (last === undefined || (each !== undefined && each > last) ? each : last), undefined);
