export { createHarness } from './harness.ts'
export type { Harness, HarnessOptions } from './harness.ts'
export { scriptedProvider } from './scripted-provider.ts'
export type { ScriptedProviderOptions } from './scripted-provider.ts'
