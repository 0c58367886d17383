import { inject } from 'vitest'

const failure = inject('setupFailure')
if (failure) throw new Error(failure)
