import { Component } from 'react'
import type { ReactNode } from 'react'

interface Props {
  readonly children: ReactNode
  /** What it is of: of something else it is tried again. */
  readonly of: string
  /** What is shown where it could not be. */
  readonly fallback: ReactNode
}

/** Keeps one part of a page that cannot be shown from taking the rest with it. */
export class Boundary extends Component<Props, { readonly failed: boolean; readonly of: string }> {
  static getDerivedStateFromError() {
    return { failed: true }
  }

  static getDerivedStateFromProps({ of }: Props, state: { readonly of: string }) {
    return of === state.of ? null : { failed: false, of }
  }

  override state = { failed: false, of: this.props.of }

  override render() {
    return this.state.failed ? this.props.fallback : this.props.children
  }
}
