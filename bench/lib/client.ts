/** The client that the servers under test are registered as. */
export const client = { id: 'bench', secret: 'bench-secret-that-protects-nothing' } as const;
