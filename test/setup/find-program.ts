/** A program the tests need: where it may be, and how it may be had. */
export interface Program {
  name: string
  /** An environment variable that names the file and settles the matter. */
  env: string
  commands: string[]
  /** A private cache, such as Playwright's. */
  cached?: () => Promise<string | undefined>
  /** Debian packages, for root. */
  apt?: string[]
  /** A command that installs without being root. */
  install?: string[]
  advice: string
}

/** What the search asks of the machine, so that tests can answer instead. */
export interface Machine {
  env: Record<string, string | undefined>
  isRoot: boolean
  isDebian: boolean
  /** The full path of a command on PATH. */
  which: (command: string) => string | undefined
  /** Whether the file starts: Ubuntu's `chromium-browser` is a stub that only says where to get one. */
  works: (path: string) => boolean
  run: (command: string[]) => boolean
}

export class ProgramMissingError extends Error {
  override name = 'ProgramMissingError'
}

/** Looks without installing: the environment variable, PATH, then the cache. */
export async function locateProgram(program: Program, machine: Machine): Promise<string | undefined> {
  const named = machine.env[program.env]
  if (named) return checkNamed(program, named, machine)
  for (const command of program.commands) {
    const path = machine.which(command)
    if (path && machine.works(path)) return path
  }
  const cached = await program.cached?.()
  return cached && machine.works(cached) ? cached : undefined
}

/** Looks, installs what is missing, and otherwise says what to install. It never answers "skip". */
export async function findProgram(program: Program, machine: Machine): Promise<string> {
  const present = await locateProgram(program, machine)
  if (present) return present
  const failed: string[] = []
  for (const commands of installations(program, machine)) {
    const broken = commands.find(command => !machine.run(command))
    const path = broken ? undefined : await locateProgram(program, machine)
    if (path) return path
    failed.push((broken ?? commands.at(-1)!).join(' '))
  }
  throw new ProgramMissingError(missingMessage(program, failed))
}

/** The ways to install, in the order to try them; each is a list of commands. */
export function installations(program: Program, machine: Pick<Machine, 'isRoot' | 'isDebian'>): string[][][] {
  const ways: string[][][] = []
  if (program.apt && machine.isRoot && machine.isDebian) {
    ways.push([['apt-get', 'update', '-q'], ['apt-get', 'install', '-y', '-q', '--no-install-recommends', ...program.apt]])
  }
  if (program.install) ways.push([program.install])
  return ways
}

function checkNamed(program: Program, path: string, machine: Machine): string {
  if (machine.works(path)) return path
  throw new ProgramMissingError(`${program.env} is set to ${path}, which does not start. Correct it or unset it.`)
}

function missingMessage(program: Program, failed: string[]): string {
  const tried = failed.length ? ` Installing it failed: ${failed.map(command => `\`${command}\``).join(', then ')}.` : ''
  return `${program.name} was not found, and the tests need it.${tried} ${program.advice} Or set ${program.env} to its path.`
}
