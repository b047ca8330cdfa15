/** SQL that gives a time as ISO 8601 in UTC, with milliseconds, as the API shows it. */
export const iso = (column: string): string => `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
