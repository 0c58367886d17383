import { globSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import ts from 'typescript'

/** A source file's text by its path from the root of the sources, `core/budget.ts`. */
export type Sources = ReadonlyMap<string, string>

export interface Import {
  from: string
  line: number
  /** A path in the sources, or the specifier as written when it leads out of them. */
  to: string
  inside: boolean
}

export function readSources(root: string): Sources {
  const paths = globSync('**/*.{ts,tsx}', { cwd: root }).sort()
  return new Map(paths.map(path => [path.replaceAll('\\', '/'), readFileSync(`${root}/${path}`, 'utf8')]))
}

/** Every import of every file: of types and of values, re-exported and dynamic. */
export function importsOf(sources: Sources): Import[] {
  return [...sources].flatMap(([path, text]) => specifiersOf(path, text).map(found => resolve(path, found)))
}

/** The groups of files that import one another in a circle. */
export function cyclesOf(imports: Import[]): string[][] {
  const next = new Map<string, string[]>()
  for (const { from, to, inside } of imports) if (inside) next.set(from, [...(next.get(from) ?? []), to])
  const reach = (path: string) => next.get(path) ?? []
  return stronglyConnected([...next.keys()], reach).filter(group => group.length > 1 || reach(group[0]!).includes(group[0]!))
}

interface Specifier {
  text: string
  line: number
}

function specifiersOf(path: string, text: string): Specifier[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
  const found: Specifier[] = []
  const visit = (node: ts.Node): void => {
    const specifier = specifierOf(node)
    if (specifier && ts.isStringLiteralLike(specifier)) {
      found.push({ text: specifier.text, line: file.getLineAndCharacterOfPosition(specifier.getStart(file)).line + 1 })
    }
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

function specifierOf(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier
  if (ts.isImportTypeNode(node)) return ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return node.arguments[0]
  return undefined
}

function resolve(from: string, { text, line }: Specifier): Import {
  if (!text.startsWith('.')) return { from, line, to: text, inside: false }
  return { from, line, to: posix.join(posix.dirname(from), text), inside: true }
}

/** Tarjan's algorithm. */
function stronglyConnected(nodes: string[], reach: (node: string) => string[]): string[][] {
  const order = new Map<string, number>()
  const low = new Map<string, number>()
  const stack: string[] = []
  const groups: string[][] = []
  const visit = (node: string): void => {
    order.set(node, order.size)
    low.set(node, order.get(node)!)
    stack.push(node)
    for (const other of reach(node)) {
      if (!order.has(other)) visit(other)
      if (stack.includes(other)) low.set(node, Math.min(low.get(node)!, low.get(other)!))
    }
    if (low.get(node) === order.get(node)) groups.push(stack.splice(stack.indexOf(node)))
  }
  for (const node of nodes) if (!order.has(node)) visit(node)
  return groups
}
