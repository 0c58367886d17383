/**
 * Any string as text that every database can hold, each as another: as JSON writes it, without the
 * quotes around it. Zero bytes and halves of surrogate pairs, which some cannot hold and some would
 * take for one another, are escaped that way.
 */
export const textOf = (value: string): string => JSON.stringify(value).slice(1, -1)

/** The string that `textOf` wrote. */
export const stringOf = (text: string): string => JSON.parse(`"${text}"`) as string
