/** Words of examples, which everybody has read, as letters and digits alone. */
const wordsOfExamples = ['development', 'changeme', 'changethis', 'replaceme', 'placeholder', 'example', 'yoursecret', 'supersecret', 'mysecret', 'secretsecret', 'password', 'notasecret', 'keyboardcat', '1234567890']

/** Fewer different characters than this are no random source's: of sixteen hexadecimal ones, once in two million. */
const fewest = 5

/** Whether a secret can be guessed because it stands in documents, or was typed to be long enough. */
export function isWellKnown(secret: string): boolean {
  const plain = secret.toLowerCase().replace(/[^a-z0-9]/g, '')
  return new Set(secret).size < fewest || wordsOfExamples.some(word => plain.includes(word))
}
