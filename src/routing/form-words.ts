// Words that carry the form of a request and none of its subject. Everything else is one and the same
// to the skeleton of a sentence, which is how what was learned on one subject holds for another.
export const formWords: ReadonlySet<string> = new Set(`a an the this that these those of in on at to for from by with about into over as than and or but if not no
  i me my you your he she it its we us our they them their who whom whose what which when where why how is are was were be been am
  do does did have has had can could will would shall should may might must there here some any all most many much more old long far
  tall often come get make use used mean called name names kind type it's what's i'm where's who's how's let let's please tell give
  want need know like each every both same twice half so such then`.split(/\s+/))
