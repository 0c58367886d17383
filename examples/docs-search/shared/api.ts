/** A stretch of a quotation: plain text or code, and whether it is what was asked for. */
export interface Segment {
  readonly text: string
  readonly code?: true
  readonly mark?: true
}

/** A passage found. `n` is its number on the page, which answers cite. */
export interface Result {
  readonly n: number
  readonly document: string
  /** The heading's anchor on the document's page. */
  readonly anchor: string
  readonly title: string
  /** The package or document it is of, where the title is a heading in it. */
  readonly source?: string
  /** Where it stands, outermost first. */
  readonly place: readonly string[]
  readonly quote: readonly Segment[]
  /** The passage as an answer is written from it. */
  readonly passage: string
}

export interface Fact {
  readonly name: 'version' | 'license' | 'homepage' | 'repository' | 'author' | 'engines'
  readonly value: string
}

/** What a package says of itself; facts that were asked for stand first. */
export interface PackageFacts {
  readonly name: string
  readonly description: string
  readonly facts: readonly Fact[]
  readonly asked?: readonly Fact['name'][]
  /** Its README, where that was read. */
  readonly document?: string
}

export interface SearchAnswer {
  readonly query: string
  readonly facts: PackageFacts | null
  readonly results: readonly Result[]
}

export interface DocumentAnswer {
  readonly id: string
  readonly title: string
  readonly place: readonly string[]
  /** Markdown. */
  readonly text: string
}

export interface About {
  readonly documents: number
  readonly packages: number
  readonly examples: readonly string[]
}
