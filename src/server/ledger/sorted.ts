/** A thing with a name of its own and a place in an order. */
export interface Placed {
  readonly at: number
  readonly name: string
}

/** Things in order of `at`, and of their names where that is the same. */
export interface Sorted {
  add(item: Placed): void
  /** @param item as it was added */
  drop(item: Placed): void
  /** Those after an item, or from the first on, while they pass; at most so many. */
  after(item: Placed | null, most: number, passes?: (item: Placed) => boolean): Placed[]
}

/** Items in one piece: moving so many is cheaper than a tree. */
const pieceSize = 512

/**
 * A sorted list in pieces, so that adding and dropping move a piece and not everything: a ledger in
 * memory asks it for what is overdue, over or next, however many runs it holds.
 */
export function sorted(): Sorted {
  const pieces: Placed[][] = []
  /** The piece an item is in or belongs to: the first that does not end before it. */
  const pieceFor = (item: Placed) => Math.min(firstIndex(pieces.length, at => !isBefore(pieces[at]!.at(-1)!, item)), pieces.length - 1)
  const placeIn = (piece: readonly Placed[], item: Placed) => firstIndex(piece.length, at => !isBefore(piece[at]!, item))

  return {
    add(item) {
      if (pieces.length === 0) return void pieces.push([item])
      const index = pieceFor(item)
      const piece = pieces[index]!
      piece.splice(placeIn(piece, item), 0, item)
      if (piece.length > pieceSize) pieces.splice(index + 1, 0, piece.splice(pieceSize / 2))
    },
    drop(item) {
      const index = pieceFor(item)
      const piece = pieces[index] ?? []
      const place = placeIn(piece, item)
      if (piece[place]?.name !== item.name || piece[place].at !== item.at) return
      piece.splice(place, 1)
      if (piece.length === 0) pieces.splice(index, 1)
    },
    after(item, most, passes = () => true) {
      const found: Placed[] = []
      const isAfter = (each: Placed) => !item || isBefore(item, each)
      for (let index = item && pieces.length > 0 ? pieceFor(item) : 0; index < pieces.length; index++) {
        for (const each of pieces[index]!) {
          if (!isAfter(each)) continue
          if (found.length === most || !passes(each)) return found
          found.push(each)
        }
      }
      return found
    },
  }
}

function isBefore(one: Placed, other: Placed): boolean {
  return one.at < other.at || (one.at === other.at && one.name < other.name)
}

/** The first index below a length at which something is so, if it is so from then on; else the length. */
function firstIndex(length: number, isSo: (index: number) => boolean): number {
  let [low, high] = [0, length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (isSo(middle)) high = middle
    else low = middle + 1
  }
  return low
}
