import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { describe, expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }

const root = fileURLToPath(new URL('../..', import.meta.url))
const entries = (Object.entries(manifest.exports) as [string, { default: string }][])
  .filter(([, target]) => target.default.endsWith('.js'))
  .map(([name]) => name.replace(/^\./, manifest.name))

/** What plain Node makes of it, with no test runner in between. */
function node(script: string) {
  return spawnSync(process.execPath, ['--input-type=module', '--eval', script], { cwd: root, encoding: 'utf8' })
}

function bundle(code: string) {
  return build({
    stdin: { contents: code, resolveDir: root },
    bundle: true,
    write: false,
    metafile: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    logLevel: 'silent',
  })
}

describe('every entry', () => {
  test.each(entries)('%s loads in Node and exports something', name => {
    const { stdout, stderr } = node(`console.log(Object.keys(await import('${name}')).length > 0)`)
    expect(`${stdout}${stderr}`.trim()).toBe('true')
  })

  test('loads beside every other in one program', () => {
    const imports = entries.map((name, index) => `import * as entry${index} from '${name}'`)
    expect(node(imports.join('\n')).stderr).toBe('')
  })
})

describe('internals', () => {
  test.each(['core', 'core/errors', 'dist/index.js', 'src/index.ts', 'client', 'state', 'package.json'])('sparing/%s cannot be imported', path => {
    const { stdout } = node(`await import('sparing/${path}').catch(error => console.log(error.code))`)
    expect(stdout.trim()).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED')
  })
})

describe('a class that two entries export', () => {
  test('is one class, so that instanceof holds between them', () => {
    const { stdout, stderr } = node(`
      const entries = new Map()
      for (const name of ${JSON.stringify(entries)}) entries.set(name, await import(name))
      const seen = new Map(), shared = [], different = []
      for (const [entry, exports] of entries) {
        for (const [name, value] of Object.entries(exports)) {
          if (!/^class\\b/.test(Function.prototype.toString.call(Object(value) instanceof Function ? value : () => {}))) continue
          if (!seen.has(name)) { seen.set(name, { entry, value }); continue }
          const first = seen.get(name)
          ;(first.value === value ? shared : different).push(name + ': ' + first.entry + ' and ' + entry)
        }
      }
      console.log(JSON.stringify({ shared, different }))
    `)
    expect(stderr).toBe('')
    const { shared, different } = JSON.parse(stdout) as { shared: string[]; different: string[] }
    expect(different).toEqual([])
    expect(shared).not.toEqual([])
  })
})

describe('sparing/react', () => {
  test('says "use client" first, and once', () => {
    const code = readFileSync(`${root}/dist/react.js`, 'utf8')
    expect(code).toMatch(/^(['"])use client\1/)
    expect(code.match(/(['"])use client\1/g)).toHaveLength(1)
  })

  test('ships its stylesheet', () => {
    const { stdout } = node("console.log(import.meta.resolve('sparing/react/styles.css'))")
    expect(readFileSync(fileURLToPath(stdout.trim()), 'utf8')).toMatch(/\{/)
  })
})

describe('for a browser', () => {
  // sparing/server is web-standard too: a page can hold a whole model selector.
  test.each(['sparing', 'sparing/react', 'sparing/server', 'sparing/catalog', 'sparing/routing', 'sparing/baseline', 'sparing/protocol'])(
    '%s bundles without a module of Node',
    async name => {
      const { outputFiles, errors } = await bundle(`export * from '${name}'`)
      expect(errors).toEqual([])
      expect(outputFiles[0]!.text).not.toMatch(/['"]node:/)
    },
  )

  test('what is not used is left out', async () => {
    const all = await bundle("export * from 'sparing'")
    const one = await bundle("export { defineFeatures } from 'sparing'")
    expect(one.outputFiles[0]!.contents.length).toBeLessThan(all.outputFiles[0]!.contents.length / 3)
  })
})
