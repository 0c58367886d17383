export { listen } from './listen.ts'
export type { Listener, ListenOptions } from './listen.ts'
export { nodeTransport } from './transport.ts'
export type { Transport, TransportOptions } from './transport.ts'
