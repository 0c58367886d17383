/** What an operator is to know: a sentence, with no trace of calls that would tell them nothing. */
export const notice = (sentence: string): Error => Object.assign(new Error(sentence), { stack: sentence })
