const lists = {
  en: 'a about above after again against all also am an and any are as at be because been before being below between both but by can cannot could did do does doing done down during each either else ever few for from further get had has have having he her here hers herself him himself his how however i if in into is it its itself just let like many may me might more most much must my myself neither no nor not now of off on once one only onto or other others our ours ourselves out over own per rather s same shall she should since so some such t than that the their theirs them themselves then there therefore these they this those though through thus to too under until up upon us use used using very via was way we well were what when where whether which while who whom whose why will with within without would yet you your yours yourself',
  de: 'aber alle allem allen aller alles als also am an ander andere anderen auch auf aus bei bin bis bist da damit dann das dass dein dem den denn der des dich die dies diese diesem diesen dieser dieses dir doch dort du durch ein eine einem einen einer eines er es etwas euch für gegen gewesen hab habe haben hat hatte hatten hier hin hinter ich ihm ihn ihr ihre ihrem ihren ihrer im in ist ja jede jedem jeden jeder jetzt kann kein keine können machen man mehr mein mich mir mit muss müssen nach nicht nichts noch nun nur ob oder ohne schon sehr sein seine seinem seinen seiner sich sie sind so soll sondern sonst über um und uns unser unter viel vom von vor war waren was wegen weil weiter welche wenn werde werden wie wieder will wir wird wo wollen würde zu zum zur zwar zwischen',
  fr: 'a à ai ainsi au aucun aussi autre aux avec avoir bien car ce ceci cela celle celui ces cet cette ceux chaque chez comme d dans de des donc dont du elle elles en encore entre est et été être eu fait il ils j je l la là le les leur leurs lors lui m ma mais même mes moins mon n ne ni nos notre nous on ont ou où par parce pas peu peut plus pour pourquoi qu quand que quel quelle qui quoi s sa sans se ses si son sont sous sur ta te tes toi ton tous tout toute toutes très tu un une vers vos votre vous y c était',
  es: 'a al algo algunos ante antes aquí así aunque cada como con contra cual cuando de del desde donde dos e el él ella ellas ellos en entre era es esa ese eso esta está estas este esto estos fue ha había han hasta hay la las le les lo los más me mi mientras muy nada ni no nos nosotros o os otra otro otros para pero poco por porque pues que qué quien se sea ser si sí sido sin sobre solo son su sus también tan tanto te tiene todo todos tu un una uno unos y ya yo',
  it: 'a ad agli ai al alla alle anche ancora avere c che chi ci come con contro cosa così cui d da dal dalla dalle dei del della delle di dopo dove e è ed era essere fra gli ha hanno i il in io l la le lei lo loro lui ma mi mio molto nel nella nelle no noi non nostro o ogni per perché più poi prima qual quale quando quanto quella quelle quelli quello questa questo qui se sempre senza si sia sono su sua sui sul sulla suo tra tu tutti tutto un una uno',
  pt: 'a ao aos as até com como da das de dela dele deles depois do dos e é ela elas ele eles em entre era essa esse esta está este eu foi há isso isto já lhe mais mas me mesmo meu minha muito na não nas nem no nos nós o os ou para pela pelo por quando que quem são se sem ser seu seus só sua suas também te tem um uma você',
  nl: 'aan al alles als altijd andere ben bij daar dan dat de der deze die dit doch doen door dus een en er ge geen haar had heb hebben heeft hem het hier hij hoe hun ik in is ja je kan kon kunnen maar me meer men met mij mijn moet na naar niet niets nog nu of om omdat onder ons ook op over reeds te tegen toch toen tot u uit uw van veel voor want waren was wat werd wezen wie wij wil worden wordt zal ze zelf zich zij zijn zo zonder zou',
  ru: 'а без более бы был была были было быть в вам вас весь во вот все всего всех вы где да для до его ее её ей ему если есть еще ещё же за здесь и из или им их к как ко когда которая которые который кто ли либо мне может мы на над надо наш не него нее нет ни них но ну о об однако он она они оно от очень по под при с со так также такой там те тем то того тоже той только том ты у уже хотя чего чей чем что чтобы чье эта эти это этого этой этом этот я',
  ar: 'في من على إلى عن أن إن كان كانت هذا هذه ذلك تلك التي الذي الذين ما لا لم لن قد هو هي هم نحن أنا أنت كل بعد قبل عند مع أو ثم بين حتى كما أي غير به بها له لها فيه فيها منه منها و يا إذا لكن ليس حيث وقد وهو وهي وفي ومن',
  hi: 'का के की को में से है हैं था थे थी और या पर यह वह ये वे इस उस इन उन ने तो भी ही कि जो एक हो कर किया करने करता करते गया गई रहा रहे रही लिए साथ अपने अपनी अपना कुछ कोई जब तक नहीं हुआ हुई हुए होता होती होते द्वारा तथा एवं जैसे बाद',
  zh: '的 了 在 是 和 与 及 或 也 就 都 而 但 被 把 将 对 从 到 为 于 以 等 这 那 这个 那个 这些 那些 一个 一种 我 你 他 她 它 我们 你们 他们 有 没有 不 很 更 最 还 又 并 其 之 所 中 上 下 可以 因为 所以 如果 由于 通过 进行',
  ja: 'の に は を た が で て と し れ さ ある いる も する から な こと として い や など なり へ か だ これ それ あれ この その よう また もの という あり まで られ なる ため です ます ない なっ でき として より において おり について なら 私 私たち',
} as const

const sets = new Map<string, ReadonlySet<string>>()

/** Languages (ISO 639-1) that have a list of stop words. */
const stopLanguages = Object.keys(lists)

/** The stop words of a language; an empty set where there is no list, for then rarity alone decides. */
export function stopWords(language: string): ReadonlySet<string> {
  let set = sets.get(language)
  if (!set) sets.set(language, set = new Set((lists as Record<string, string>)[language]?.split(' ') ?? []))
  return set
}

/**
 * The stop words of the language whose function words occur most among these words (lower case); English
 * where none does. Looks at the first 400 words only.
 */
export function stopWordsFor(words: readonly string[]): ReadonlySet<string> {
  const sample = words.slice(0, 400)
  const hits = stopLanguages.map(language => count(sample, stopWords(language)))
  return stopWords(stopLanguages[hits.indexOf(Math.max(...hits))]!)
}

function count(words: readonly string[], set: ReadonlySet<string>): number {
  let hits = 0
  for (const word of words) if (set.has(word)) hits++
  return hits
}
