import type { Components } from 'react-markdown'
import { textIn } from './tree.ts'

/** How tables are shown, of documents and of answers. */
export const tableParts = {
  // A corner without a word heads nothing.
  th: ({ children, node, ...props }) => isEmpty(node) ? <td aria-hidden="true" /> : <th {...props}>{children}</th>,
  // What scrolls sideways must be reached by the keyboard.
  // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
  table: ({ children, node: _, ...props }) => <figure className="wide" tabIndex={0}><table {...props}>{children}</table></figure>,
} satisfies Components

/** Whether an element has nothing but white space and pictures in it. */
export const isEmpty = (element: { children: readonly unknown[] } | undefined): boolean =>
  !textIn({ type: 'element', children: (element?.children ?? []) as Parameters<typeof textIn>[0][] }).trim()
