export { isLoopback } from '../core/loopback.ts';
