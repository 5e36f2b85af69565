/**
 * A number that a vendor uses as an identifier, as text. Above 2^53 two numbers of JSON can become one, and two people
 * with them, so such a number is no identifier here.
 */
export function numberAsText(id: unknown): string | undefined {
  return typeof id === 'number' && Number.isSafeInteger(id) && id > 0 ? String(id) : undefined;
}
