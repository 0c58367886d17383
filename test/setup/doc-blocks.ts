import { posix } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '')

export interface Block {
  /** The document, from the root of the repository. */
  doc: string
  language: string
  /** Of its first line of code, counted from 1. */
  line: number
  text: string
}

/** The fenced code blocks of a Markdown or MDX document. */
export function blocksOf(doc: string, markdown: string): Block[] {
  const fence = /^([ \t]*)(`{3,}|~{3,})[ \t]*([\w-]*)[^\n]*\n([\s\S]*?)^\1\2[ \t]*$/gm
  return [...markdown.matchAll(fence)].map(({ 0: whole, 1: indent, 3: language, 4: body, index }) => ({
    doc,
    language: language!,
    line: markdown.slice(0, index + whole.indexOf('\n') + 1).split('\n').length,
    text: body!.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }))
}

/**
 * What is wrong with the TypeScript of the documents, as `README.md:12:3 …`. Each block is a module
 * of its own that may use the names of `context` without importing them. A block whose first line is
 * a file name in a comment (`// features.ts: …`) can be imported by the other blocks of its document.
 * @param peers declarations of modules that readers have and this package does not
 */
export function checkBlocks(blocks: Block[], context: string, peers = ''): string[] {
  const typed = blocks.filter(({ language }) => /^(tsx?|typescript)$/.test(language))
  const files = new Map(typed.map(block => [pathOf(block), moduleOf(block)]))
  files.set(`${root}/docs-context.ts`, context)
  files.set(`${root}/docs-peers.d.ts`, peers)
  const program = ts.createProgram([...files.keys()], compilerOptions(), hostWith(files))
  return ts.getPreEmitDiagnostics(program).map(describe)
}

/** Blocks live in folders that do not exist, one for each document, one for each unnamed block. */
function pathOf({ doc, line, text }: Block): string {
  const name = /^\/\/ ([\w./-]+\.tsx?)\b/.exec(text)?.[1]
  return name ? `${root}/${doc}#/${posix.normalize(name)}` : `${root}/${doc}#/block-${line}.tsx`
}

/** At its own line, so that the compiler's positions are the document's. */
function moduleOf({ line, text }: Block): string {
  return `${'\n'.repeat(line - 1)}${text}\nexport {}\n`
}

function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(`${root}/tsconfig.json`, ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  return { ...options, noEmit: true }
}

function hostWith(files: Map<string, string>): ts.CompilerHost {
  const host = ts.createCompilerHost(compilerOptions(), true)
  const folders = new Set([...files.keys()].map(path => posix.dirname(path)))
  return {
    ...host,
    getCurrentDirectory: () => root,
    fileExists: path => files.has(path) || host.fileExists(path),
    readFile: path => files.get(path) ?? host.readFile(path),
    directoryExists: path => folders.has(path) || (host.directoryExists?.(path) ?? true),
    getSourceFile: (path, options, ...rest) => {
      const text = files.get(path)
      return text === undefined ? host.getSourceFile(path, options, ...rest) : ts.createSourceFile(path, text, options)
    },
  }
}

function describe({ file, start, messageText }: ts.Diagnostic): string {
  const message = ts.flattenDiagnosticMessageText(messageText, ' ')
  if (!file) return message
  const { line, character } = file.getLineAndCharacterOfPosition(start ?? 0)
  const doc = file.fileName.replace(`${root}/`, '').replace(/#.*/, '')
  return `${doc}:${line + 1}:${character + 1} ${message}`
}
