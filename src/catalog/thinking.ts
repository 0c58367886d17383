import type { Effort } from '../core/index.ts'

/** Efforts of a model that cannot stop, where nobody says which it takes. */
const always: readonly Effort[] = ['low', 'medium', 'high']
const never: readonly Effort[] = ['none']

const denied = /(?<![a-z])(?:non?|without)[-_ ]?(?:think|reason)/i

/** Most say so in their names. */
const said = /think|reason|deep-?research/i

/** Families that only reason, and say it in no word: gpt-oss, Magistral, QwQ, R1, o1 and those called after them. */
const families = new RegExp(`(?<![a-z0-9])(?:${[
  'gpt-?oss', 'magistral', 'qwq', 'qvq', 'r1v?', 'o[134]', 'or1', 'exaone-?deep', 'deepscaler', 'deepcoder', 'minimax-?m[12](?:\\.\\d)?', 'glm-?z1', 'ernie-?x1', 'hunyuan-?t1', 'sky-?t1',
  's1(?:\\.\\d)?-\\d+b', 'mimo-7b-rl', 'ring-(?:mini|flash|lite|\\d+t)',
].join('|')})(?![a-z0-9])`, 'i')

/** The efforts that a model takes by its name alone: those of one that cannot stop reasoning, or none. */
export const effortsFromName = (id: string): readonly Effort[] => !denied.test(id) && (said.test(id) || families.test(id)) ? always : never
