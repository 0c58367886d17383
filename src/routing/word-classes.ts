// What kind of thing a word asks for, whatever the subject: "what is the purpose of" wants telling, "what is
// the capital of" a name. Written from general knowledge, not from the training data, which is too small to
// know most of these words; what each class says of a question is learned.

const words = {
  told: `purpose reason reasons cause causes difference differences distinction history origin origins meaning meanings definition function role
    importance significance effect effects impact influence story background process procedure method methods principle principles concept idea
    theory theories symptom symptoms characteristic characteristics property properties quality qualities feature features requirement
    requirements qualification qualifications condition conditions benefit benefits advantage advantages disadvantage disadvantages drawback
    drawbacks risk risks danger dangers contribution contributions achievement achievements accomplishment accomplishments outcome result results
    consequence consequences relationship relation connection similarity similarities composition structure nature essence explanation
    description message moral plot theme point argument arguments controversy issue issues problem problems solution strategy technique
    techniques way ways step steps rule rules law laws policy plan mission goal goals aim objective objectives duty duties responsibility
    responsibilities task tasks habit habits custom customs tradition traditions belief beliefs view views opinion attitude attitudes life
    lifestyle diet treatment treatments cure cures prognosis diagnosis education training experience information facts details evidence proof
    example examples use uses application applications fame secret mystery legend myth lyrics text content contents verdict quote quotation speech
    slogan motto state status situation fate destiny powers weakness weaknesses strength strengths behavior behaviour climate change changes
    development developments evolution discovery`,
  name: `name names title titles nickname pseudonym alias term terms word words phrase expression synonym antonym abbreviation acronym symbol
    letter letters sign logo brand label code alphabet`,
  language: `language languages dialect english french spanish german italian latin greek russian chinese japanese arabic hebrew irish gaelic
    portuguese polish dutch swedish turkish hindi hawaiian welsh`,
  person: `person people man woman men women boy girl president king queen emperor ruler leader minister senator governor mayor actor actress singer
    musician composer band group team player players athlete author writer poet novelist artist painter inventor scientist physicist chemist
    philosopher astronaut director producer father mother son daughter wife husband brother sister children family founder owner character
    characters hero heroine villain host company firm organization corporation manufacturer agency party army nation tribe star champion winner
    coach detective pilot captain general explorer profession occupation`,
  place: `country countries city cities states town capital province county continent island islands river rivers lake lakes ocean sea mountain
    mountains desert planet galaxy street address location place site region area park building hotel museum university college school airport
    stadium bridge port peninsula bay canal neighborhood village`,
  amount: `number population percentage percent rate distance height length width depth weight size age speed temperature price cost salary income
    amount zip date year years day days month months week weeks century decade time hours minutes average score odds chance chances ratio
    frequency limit volume mass altitude elevation`,
  thing: `animal animals bird birds fish dog dogs cat breed mammal insect snake plant flower tree fruit vegetable food dish drink beverage wine beer
    cocktail candy cereal color colors colour colours car cars vehicle plane ship boat train game games sport sports book books novel play film
    films movie movies song songs album show shows series magazine newspaper poem painting opera instrument instruments machine tool weapon device
    computer software drug drugs medicine disease diseases virus gas metal element chemical substance material mineral rock stone gem acid vitamin
    body organ bone muscle gland war battle event holiday festival award prize trophy currency coin money religion god goddess product toy doll
    dance hat clothing fabric shape figure constellation system website page card cards flag bomb fear phobia study science branch type kind sort
    variety species piece part item items object things thing`,
  act: `mean means happen happens happened make makes made do does look looks work works differ affect affects consist deal entail involve involves
    represent represents symbolize signify say says sing like compare stand caused`,
} satisfies Record<string, string>

export type WordClass = keyof typeof words

/** The class of a word in lower case, where it has one. */
export const wordClasses: ReadonlyMap<string, WordClass> = new Map((Object.keys(words) as WordClass[]).flatMap(each => words[each].split(/\s+/).map(word => [word, each] as const)))
