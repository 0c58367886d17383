export { encodeDone, encodeKeepAlive, encodePart, readEvents, readParts, streamHeaders } from './parts.ts'
export type { StreamPart } from './parts.ts'
export type { BudgetAnswer, EstimateAnswer, EstimateRequest, RunRecord, RunRequest, RunResult } from './run.ts'
export * as schemas from './schemas.ts'
