/** A question about packages that this repository installs, with where and in what words it is answered. */
export interface Question {
  readonly asked: string
  /** Files in `node_modules` of which any may answer. */
  readonly files: readonly string[]
  /** A sentence that answers has one of these, in any case, its Markdown signs gone. */
  readonly needles: readonly string[]
}

const about = (asked: string, files: string | readonly string[], ...needles: string[]): Question => ({ asked, files: [files].flat(), needles })

/**
 * Written before anything was tuned on them, by reading the documents first. Every other one, from the first,
 * was tuned on; from the second, never looked at while tuning.
 */
const questions: readonly Question[] = [
  about('when does ky retry a failed request?', 'ky/readme.md', 'are automatically retried for retriable methods', 'only errors recognized as network errors are retried', 'statuscodes: 408'),
  about('what is the default timeout in ky', 'ky/readme.md', 'default: 10000'),
  about('how many times does ky retry by default?', 'ky/readme.md', 'limit: 2'),
  about('cancel a request with ky', 'ky/readme.md', 'built-in support for request cancellation'),
  about('how do I set a base url in ky?', 'ky/readme.md', 'a base url to resolve the input against'),
  about('ky total timeout including retries', 'ky/readme.md', 'overall timeout in milliseconds for the entire operation'),
  about('send json with ky', 'ky/readme.md', 'shortcut for sending json'),
  about('add a random delay between retries against a thundering herd', 'ky/readme.md', 'adds random jitter to retry delays'),
  about('how does tree shaking decide what to drop?', 'rollup/README.md', 'will exclude anything that isn\'t actually used'),
  about('how do I import CommonJS modules with rollup?', 'rollup/README.md', 'rollup can import existing commonjs modules'),
  about('does ws work in the browser?', 'ws/README.md', 'does not work in the browser'),
  about('is permessage-deflate compression enabled by default in ws?', 'ws/README.md', 'disabled by default on the server'),
  about('how do I get the IP address of a websocket client?', 'ws/README.md', 'remote ip address can be obtained from the raw socket', 'remoteaddress'),
  about('detect broken websocket connections', 'ws/README.md', 'ping messages can be used as a means to verify', 'the link between the server and the client can be interrupted'),
  about('does lru-cache delete expired items on its own?', 'lru-cache/README.md', 'no preemptive pruning of expired items', 'items are not preemptively deleted', 'will treat expired items as missing'),
  about('what happens in lru-cache when max is zero', 'lru-cache/README.md', 'if max is set to zero'),
  about('watch files over a network with chokidar', 'chokidar/README.md', 'successfully watch files over a network'),
  about('wait until a large file is completely written before chokidar emits an event', 'chokidar/README.md', 'awaitwritefinish', 'poll file size'),
  about('how does chokidar ignore files?', 'chokidar/README.md', 'defines files/paths to be ignored'),
  about('does chokidar still support globs?', 'chokidar/README.md', 'removes support for globs', 'remove glob'),
  about('enable debug output for specific modules', 'debug/README.md', 'debug environment variable is then used to enable'),
  about('how do I turn off debug colors?', 'debug/README.md', 'debug_colors'),
  about('exclude some namespaces from debug output', 'debug/README.md', 'prefixing them with a "-"', 'exclude specific debuggers'),
  about('replace the whole state instead of merging in zustand', 'zustand/README.md', 'it will replace the state model'),
  about('use zustand outside of react components', 'zustand/README.md', 'need to access state in a non-reactive way', 'can be imported and used without the react dependency'),
  about('prevent unnecessary rerenders when selecting several values from a zustand store', 'zustand/README.md', 'useshallow'),
  about('persist a zustand store in local storage', 'zustand/README.md', 'persist your store\'s data using any kind of storage', 'persist middleware'),
  about('fuzzy search with minisearch', 'minisearch/README.md', 'fuzzy search', 'fuzzy match'),
  about('what is minisearch?', 'minisearch/README.md', 'tiny but powerful in-memory fulltext search engine'),
  about('how do I use backslash as a path separator in glob on windows?', 'glob/README.md', 'windowspathsnoescape:true', 'windowspathsnoescape'),
  about('where did the glob command line go?', 'glob/README.md', 'has been moved to the glob-bin package'),
  about('is it safe to pass user input to minimatch?', 'minimatch/README.md', 'you will be pwned', 'if the pattern is generated using untrusted input'),
  about('what does the caret range mean in semver?', 'semver/README.md', 'allows changes that do not modify the left-most non-zero'),
  about('tilde range in semver', 'semver/README.md', 'allows patch-level changes if a minor version is specified'),
  about('do semver ranges include prerelease versions?', 'semver/README.md', 'if a version has a prerelease tag', 'excluding prerelease tagged versions', 'always include prerelease versions', 'they are excluded from range-matching'),
  about('what is property based testing?', 'fast-check/README.md', 'check the truthfulness of properties'),
  about('how do I create a connection pool for postgres?', 'pg-pool/README.md', 'you must first create an instance of a pool', 'connection pool for node-postgres'),
  about('can I pass a database url to the pg pool constructor?', 'pg-pool/README.md', 'does not support passing a database url'),
  about('how should the user name and password be encoded in a postgres connection string', 'pg-connection-string/README.md', 'they should be urlencoded'),
  about('disable ssl in a postgres connection string', 'pg-connection-string/README.md', 'sslmode=disable', 'ssl=false'),
  about('where does jiti keep its cache?', 'jiti/README.md', 'node_modules/.cache/jiti'),
  about('does key order matter when dequal compares objects?', 'dequal/readme.md', 'key order within objects does not matter'),
  about('which value types can dequal compare?', 'dequal/readme.md', 'supports comparison of all types'),
  about('how does minimist treat numbers?', 'minimist/README.md', 'numeric-looking arguments will be returned as numbers'),
  about('what happens to arguments after -- in minimist', 'minimist/README.md', 'will not be parsed and will end up in argv'),
  about('unknown options of a command in cac', 'cac/README.md', 'any unknown options will be reported as an error'),
  about('must benchmark task names be unique in tinybench?', 'tinybench/README.md', 'task name should always be unique'),
  about('split a stream into lines', 'split2/README.md', 'reassemble it so that each line is a chunk', 'each line is a chunk'),
  about('what does split2 do when a line is longer than maxLength', 'split2/README.md', 'the stream emits an error by default'),
  about('replace jsx runtime in the vite react plugin', '@vitejs/plugin-react/README.md', 'uses the automatic jsx runtime'),
  about('which files get react fast refresh in vite', '@vitejs/plugin-react/README.md', 'includes .js, .jsx, .ts & .tsx by default'),
  about('is tsup still maintained?', 'tsup/README.md', 'not actively maintained anymore'),
  about('where does tsup write its output?', 'tsup/README.md', 'files are written into ./dist', 'this will output'),
  about('parse server-sent events from a stream', 'eventsource-parser/README.md', 'streaming parser for server-sent events', 'feed it chunks of data'),
  about('connect ioredis with tls', 'ioredis/README.md', 'rediss://', 'you can set the tls option', 'tls encryption'),
  about('reconnect automatically when redis is lost', 'ioredis/README.md', 'will try to reconnect when the connection to redis is lost'),
  about('what is autopipelining in ioredis', 'ioredis/README.md', 'all commands issued during an event loop are enqueued', 'in standard mode'),
  about('transactions with redis multi', 'ioredis/README.md', 'most of the time, the transaction commands'),
  about('how do I cancel a glob search?', 'glob/README.md', 'an abortsignal which will cancel the glob walk'),
  about('assert that an element is visible to the user', '@testing-library/jest-dom/README.md', 'check if an element is currently visible to the user'),
  about('check that a button is disabled in a test', '@testing-library/jest-dom/README.md', 'check whether an element is disabled'),
  about('test whether a form control has a value', '@testing-library/jest-dom/README.md', 'has the specified value'),
  about('which platforms does hono run on?', 'hono/README.md', 'works on any javascript runtime'),
  about('run hono on node', '@hono/node-server/README.md', 'allows you to run your hono application on node.js', 'run your hono application'),
  about('serve static files with the hono node server', '@hono/node-server/README.md', 'use serve static middleware that has been created for node.js'),
  about('does idb-keyval support several operations in one transaction', 'idb-keyval/README.md', 'this is faster than calling', 'this operation is also atomic'),
  about('store a key and a value in IndexedDB', 'idb-keyval/README.md', 'super-simple promise-based keyval store'),
  about('what does json5 allow that json does not?', 'json5/README.md', 'may be single quoted', 'may have a single trailing comma', 'comments are allowed'),
  about('remove comments from json', 'strip-json-comments/readme.md', 'strip comments from json', 'returns a string without comments'),
  about('convert milliseconds to a readable string', 'ms/readme.md', 'easily convert various time formats to milliseconds'),
  about('are nanoid ids safe from collisions?', 'nanoid/README.md', 'hardware random generator', 'can be used in clusters'),
  about('kill a process and all its children', 'tree-kill/README.md', 'kill all processes in the process tree'),
  about('why does my node process not exit?', 'why-is-node-running/README.md', 'is running but you don\'t know why'),
  about('open a url in the default browser from node', 'open/readme.md', 'open stuff like urls, files, executables'),
  about('recursively read a directory as a stream', 'readdirp/README.md', 'recursive version of fs.readdir'),
  about('strip color codes from a string', 'strip-ansi/readme.md', 'strip ansi escape codes'),
  about('does chalk detect color support?', 'chalk/readme.md', 'auto-detects color support', 'color support is automatically detected', 'detect whether the terminal supports color'),
  about('compress data in the browser quickly', 'fflate/README.md', 'fastest, smallest, and most versatile', 'high performance (de)compression'),
  about('how do I test accessibility automatically?', 'axe-core/README.md', 'accessibility testing engine', 'automated accessibility testing', 'find on average 57%'),
  about('set the size limit for a library\'s bundle', 'size-limit/README.md', 'performance budget'),
]

/** Plausible, and answered by nothing in these packages; looked at while tuning. */
export const unanswerable: readonly string[] = [
  'how do I reset my bank account password?',
  'what is the capital of Mongolia?',
  'when was the Treaty of Westphalia signed?',
  'how long should I boil an egg?',
  'configure kubernetes ingress with letsencrypt certificates',
  'how do I deploy a Django app to Heroku?',
  'what is the refund policy for annual subscriptions?',
  'train a neural network with gradient descent',
  'how do I center a div with flexbox in CSS?',
  'best hiking trails near Vancouver',
  'how do I write a lifetime annotation in Rust?',
  'which vaccine schedule is recommended for infants?',
  'change the oil of a diesel engine',
  'does graphql federation work with apollo gateway?',
  'who won the 1998 football world cup?',
]

/**
 * The same, written after the weights were set, the first half of the same trade as the packages. The thresholds were
 * raised once since, as far as the questions that were tuned on allowed.
 */
export const unanswerableHeldOut: readonly string[] = [
  'how do I paginate results with prisma?',
  'how do I define a route guard in angular?',
  'what is the maximum object size in S3?',
  'how do I write a database migration in laravel?',
  'how do I hash a password with bcrypt?',
  'schedule a cron job in kubernetes',
  'does svelte support signals?',
  'how do I publish an app to the App Store?',
  'how many calories are in a banana?',
  'what is the speed of light?',
  'when do tulips bloom in Holland?',
  'how do I apply for a passport?',
  'who wrote Anna Karenina?',
  'best way to remove a wine stain from a carpet',
  'which train goes from Vienna to Budapest?',
]

export const tuned = questions.filter((_, i) => i % 2 === 0)
export const heldOut = questions.filter((_, i) => i % 2 === 1)
