export { createAI } from './create-ai.ts'
export type { AI, AIOptions, CatalogState, EstimateOptions, FeatureStatus, Input, ModelSelectorSource, NoEstimate, OptInOptions, Readable, RunOptions } from './ai.ts'
export type { AIEvent } from './events.ts'
export type { Run, RunOutcome, RunState } from './run.ts'
