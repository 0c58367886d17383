import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Machine } from './find-program.ts'

export const isRoot = process.getuid?.() === 0

/** The machine the tests run on. */
export const machine: Machine = {
  env: process.env,
  isRoot,
  isDebian: existsSync('/etc/debian_version'),
  which,
  works: path => existsSync(path) && spawnSync(path, ['--version'], { timeout: 20_000 }).status === 0,
  // What installs speaks on stderr, so that stdout stays the report's.
  run: ([command, ...args]) => spawnSync(command!, args, { stdio: ['ignore', 2, 2], env: quietly() }).status === 0,
}

function which(command: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).filter(Boolean)
  return folders.map(folder => join(folder, command)).find(isExecutable)
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

function quietly(): NodeJS.ProcessEnv {
  return { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
}
