import { describe, expect, test } from 'vitest'
import manifest from '../../../package.json' with { type: 'json' }
import tsconfig from '../../../tsconfig.json' with { type: 'json' }
import tsup from '../../../tsup.config.ts'

const { entry } = tsup as { entry: Record<string, string> }
const { paths } = tsconfig.compilerOptions

type Target = { types: string; default: string }
const targets = (Object.entries(manifest.exports) as [string, Target][]).filter(([, { default: output }]) => output.endsWith('.js'))
const programs = Object.values(manifest.bin)

const builtFrom = (output: string) => entry[output.replace(/^\.\/dist\/(.*)\.js$/, '$1')]

describe('the exports map', () => {
  test('and the programs name exactly what is built', () => {
    const named = [...targets.map(([, target]) => target.default), ...programs]
    const built = Object.keys(entry).map(name => `./dist/${name}.js`)
    expect(named.toSorted()).toEqual(built.toSorted())
  })

  test.each(targets)('%s has its declarations beside it, first', (_, target) => {
    expect(Object.keys(target)).toEqual(['types', 'default'])
    expect(target.types).toBe(target.default.replace(/\.js$/, '.d.ts'))
  })

  test('leads type checking and tests to the same sources', () => {
    const built = Object.fromEntries(targets.map(([name, target]) => [name.replace(/^\./, 'sparing'), [`./${builtFrom(target.default)}`]]))
    expect(paths).toEqual({ ...built, 'sparing/react/styles.css': ['./src/react/styles.css.d.ts'] })
  })

  test('has types for the stylesheet, which is imported for its effect alone', () => {
    expect(manifest.exports['./react/styles.css']).toEqual({ types: './src/react/styles.css.d.ts', default: './dist/styles.css' })
  })

  test('opens no folder', () => {
    expect(Object.keys(manifest.exports).filter(name => name.includes('*'))).toEqual([])
  })
})

describe('the manifest', () => {
  test('asks for React and databases only from those who use them', () => {
    expect(Object.keys(manifest.peerDependencies)).toEqual(['ioredis', 'pg', 'react', 'react-dom'])
    const optional = Object.entries(manifest.peerDependenciesMeta).filter(([, meta]) => meta.optional)
    expect(optional.map(([name]) => name)).toEqual(Object.keys(manifest.peerDependencies))
  })

  test('pins every version exactly', () => {
    const overrides = Object.entries(manifest.overrides).flatMap(([name, version]) => typeof version === 'string' ? [[name, version]] : Object.entries(version))
    const versions = [...Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }), ...overrides] as [string, string][]
    expect(versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([])
  })
})
