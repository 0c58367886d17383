import type { StoreApi } from 'zustand/vanilla'

/** Something to read and to follow. */
export type Readable<S> = Pick<StoreApi<S>, 'getState' | 'getInitialState' | 'subscribe'>
