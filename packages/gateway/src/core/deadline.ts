/**
 * What `work` comes to, unless it takes too long. It goes on all the same, and how it then ends is nobody's matter.
 *
 * @param late - what to throw after so many milliseconds
 */
export async function withDeadline<T>(
  work: T | PromiseLike<T>,
  milliseconds: number,
  late: () => Error,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const end = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), milliseconds);
  });
  try {
    return await Promise.race([work, end]);
  } finally {
    clearTimeout(timer);
  }
}
