/** What is thrown where an argument cannot be what it is: the help is shown with it. */
export const wrongArgument = (sentence: string): Error =>
  Object.assign(new Error(sentence), { code: 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE' })
