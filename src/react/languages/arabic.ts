import type { EnergyUnit, Language, MassUnit, Words } from '../words.ts'

/** For one or a fraction, for three to ten, and for eleven and more. */
type Forms = readonly [one: string, few: string, many: string]

const units: Readonly<Record<EnergyUnit | MassUnit, Forms>> = {
  microwattHour: ['ميكروواط ساعة', 'ميكروواط ساعة', 'ميكروواط ساعة'],
  milliwattHour: ['ملّي واط ساعة', 'ملّي واط ساعة', 'ملّي واط ساعة'],
  wattHour: ['واط ساعة', 'واط ساعة', 'واط ساعة'],
  kilowattHour: ['كيلوواط ساعة', 'كيلوواط ساعة', 'كيلوواط ساعة'],
  microgram: ['ميكروغرام', 'ميكروغرامات', 'ميكروغرامًا'],
  milligram: ['ملّيغرام', 'ملّيغرامات', 'ملّيغرامًا'],
  gram: ['غرام', 'غرامات', 'غرامًا'],
  kilogram: ['كيلوغرام', 'كيلوغرامات', 'كيلوغرامًا'],
}

const plurals = /* @__PURE__ */ new Intl.PluralRules('ar')

function inNumber([one, few, many]: Forms, count: number): string {
  const form = plurals.select(count)
  return form === 'few' ? few : form === 'many' ? many : one
}

/** A duration after a preposition: the dual is the only one of its forms that changes. */
const oblique = (duration: string): string => duration.replace(/تان$/, 'تين')

/** How many times, of which two have a word of their own. */
const times = (ratio: string, count: number): string => count === 2 ? 'مرّتين' : `${ratio} ${inNumber(['مرّة', 'مرّات', 'مرّة'], count)}`

const words: Words = {
  tasks: {
    answer: ['إجابة', 'الإجابات', 'أجب'], summarize: ['ملخّص', 'الملخّصات', 'لخّص'], chat: ['ردّ', 'الردود', 'اكتب ردًّا'],
    draft: ['مسودّة', 'المسودّات', 'اكتب مسودّة'], rewrite: ['صياغة', 'الصياغات', 'أعد الصياغة'], translate: ['ترجمة', 'الترجمات', 'ترجم'],
    classify: ['تصنيف', 'التصنيفات', 'صنّف'], extract: ['مقتطف', 'المقتطفات', 'استخرج'], describe: ['وصف', 'الأوصاف', 'اكتب وصفًا'],
    code: ['شيفرة', 'الشيفرات', 'اكتب شيفرة'],
  },
  levels: { baseline: 'اقتباسات', eco: 'خفيف', standard: 'عادي', max: 'كبير' },
  windows: {
    run: 'حصّة هذه المرّة', session: 'حصّة هذه الجلسة', hour: 'حصّة هذه الساعة', day: 'حصّة اليوم',
    week: 'حصّة هذا الأسبوع', month: 'حصّة هذا الشهر',
  },
  rolling: span => `حصّة كلّ ${oblique(span)}`,
  provenances: { metered: 'بحسب عدّاد المزوّد', measured: 'مقيس', modelled: 'تقدير حسابيّ', class: 'بحسب نماذج من الفئة نفسها', local: 'على هذا الجهاز', unknown: '' },

  span: (from, to) => from === to ? from : `من ${oblique(from)} إلى ${oblique(to)}`,
  upTo: figure => `حتى ${oblique(figure)}`,
  unit: (name, figure, count) => {
    const said = `${figure} ${inNumber(units[name], typeof count === 'number' ? count : count[1])}`
    return [said, said]
  },
  lessThanASecond: 'أقلّ من ثانية',
  atTime: clock => `الساعة ${clock}`,
  onDay: (date, clock) => `يوم ${date} الساعة ${clock}`,

  title: one => `${one} بالذكاء الاصطناعي`,
  act: verb => `${verb} بالذكاء الاصطناعي`,
  optional: title => `${title}، عند الطلب.`,
  about: figure => figure === words.lessThanASecond ? figure : `نحو ${oblique(figure)}`,
  atMost: figure => `${figure} على الأكثر`,
  ofAllowance: (percent, allowance) => `${percent} من ${allowance}`,
  comma: '، ',
  sentence: parts => parts.length > 0 ? `${parts.join('، ')}.` : '',
  inBrackets: text => `(${text})`,
  alone: phrase => phrase,
  lessThan: figure => `أقلّ من ${figure}`,
  unknownCost: 'التكلفة غير معروفة.',
  checking: 'جارٍ حساب التكلفة…',
  thinkLonger: 'تفكير أطول',
  thinkLongerQuestion: 'تفكير أطول؟',
  question: act => `${act}؟`,
  timesLevel: (ratio, level, count) => `نحو ${times(ratio, count)} قدر ${level}`,
  sameAsLevel: level => `بقدر ${level} تقريبًا`,
  sameModel: level => `النموذج نفسه المستخدم في ${level}`,
  levelOf: (level, one) => `${one} بمستوى ${level}`,
  writing: 'جارٍ الكتابة.',
  thinking: 'جارٍ التفكير.',
  keepReading: 'يمكنك متابعة القراءة.',
  stop: 'إيقاف',
  answerNow: 'أجب الآن',
  meanwhile: atMost => `محجوز حتى الانتهاء: ${atMost}.`,
  showWhenFinished: 'العرض عند الانتهاء',
  hide: 'إخفاء',
  details: 'التفاصيل',
  cancel: 'إلغاء',
  proceed: 'متابعة',
  tryAgain: 'إعادة المحاولة',
  showAll: 'عرض الكلّ',
  written: 'كتبه الذكاء الاصطناعي وقد يخطئ.',
  checkQuotes: 'راجع الاقتباسات المرفقة.',
  checkText: 'قارنه بالنصّ.',
  quotes: 'اقتباسات من مستنداتك',
  noModelUsed: 'من دون نموذج توليدي.',
  cut: 'بلغ أقصى تكلفة متّفق عليها فتوقّف هنا.',
  nothingFound: 'لم يُعثر على شيء يُقتبس.',
  nothingWritten: 'لم يكتب النموذج شيئًا.',
  unquoted: 'لا يجيب عن هذا أيّ اقتباس.',
  canWrite: (title, most) => `تمكن كتابة ${title}${most ? ` مقابل ${most}` : ''}.`,
  skip: title => `تخطّي ${title}`,
  used: (share, promised) => `استُهلك ${share}؛ وكنّا قد ذكرنا ${promised}.`,
  usedNothing: 'لم يؤخذ شيء من حصّتك.',
  receipt: 'الإيصال',
  enough: 'هل يكفي هذا؟',
  yes: 'نعم',
  no: 'لا',
  moreDetail: 'مزيد من التفصيل',
  always: 'افعل هذا هنا دائمًا',
  notAlways: 'لا تفعل هذا هنا بعد الآن',
  eachTime: atMost => `${atMost} في كلّ مرّة`,
  didNotFinish: 'لم يكتمل.',
  didNotStart: 'لم يبدأ.',
  counted: share => `المحسوب: ${share}.`,
  nothingCounted: 'لم يُحسب شيء.',
  unaffected: 'لم تتأثّر النتائج.',
  usedUp: (allowance, by) => `نفدت ${allowance}${by}.`,
  notEnough: (left, by) => `لم يبقَ سوى ${left}${by}، وقد يستهلك هذا أكثر.`,
  tooMuch: (allowance, by) => `قد يستهلك هذا أكثر من كامل ${allowance}${by}.`,
  setBy: owner => ` التي حدّدتها ${owner}`,
  sharedAllowance: 'الحصّة المشتركة',
  resets: time => `تتجدّد ${time} بتوقيتك.`,
  showQuotes: 'عرض الاقتباسات',
  turnedOff: (owner, many) => owner ? `أوقفت ${owner} ${many} بالذكاء الاصطناعي هنا.` : `${many} بالذكاء الاصطناعي متوقّفة هنا.`,
  why: 'لماذا؟',
  whyPolicy: 'القائمون على هذا المنتج يقرّرون أين يُتاح الذكاء الاصطناعي. لم تتسبّب أنت في ذلك، وكلّ ما سواه يعمل كالمعتاد.',
  offline: 'لا اتصال بالشبكة. النتائج تعمل كالمعتاد.',
  unreachable: many => `تعذّر الوصول إلى ${many} بالذكاء الاصطناعي الآن. النتائج تعمل كالمعتاد.`,
  priceChanged: (now, before, longer) => before === null
    ? `تغيّرت التكلفة قليلًا${longer ? ' لأنّ النصّ أطول' : ''}: الآن ${now}.`
    : `الآن ${now} بدلًا من ${before}${longer ? '، لأنّ النصّ أطول' : ''}.`,
  nothingSpent: 'لم يُستهلك شيء.',
  noModel: 'لا نموذج معدّ لهذا المستوى.',
  tooLong: one => `هذا النصّ أطول من أن تُعَدّ له ${one} بالذكاء الاصطناعي.`,
  hidden: many => `${many} بالذكاء الاصطناعي مخفيّة.`,
  undo: 'تراجع',

  level: 'المستوى',
  usually: 'عادةً',
  most: 'على الأكثر',
  charge: 'الرسوم',
  included: 'مشمول؛ لن تدفع شيئًا',
  rating: 'تقدير الطاقة',
  stars: (count, most, estimated) => `${count} من ${most} بين النماذج من حجمه (${most} = أقلّ طاقة)${estimated ? '، تقديريّ' : ''}`,
  lamp: ([energy, spoken], duration, watts) => {
    const lit = `مصباح ${watts} واط لمدّة ${oblique(duration)}`
    return [`${energy}: ${lit}`, `${spoken}: ${lit}`]
  },
  comparison: 'بالمقارنة',
  timesResults: (ratio, count) => `نحو ${times(ratio, count)} قدر الاقتباسات وحدها`,
  said: 'ما ذكرناه',
  counts: 'المستهلك',
  model: 'النموذج',
  reasoning: (model, on) => on ? `${model}، مع تفكير` : `${model}، من دون تفكير`,
  reason: 'السبب',
  reasons: {
    asked: 'طُلبت اقتباسات.',
    lookup: 'سؤال استعلام لا يحتاج إلى كتابة: تجيب عنه الاقتباسات بلا تكلفة تُذكر.',
    unconfigured: 'لا نموذج توليدي معدّ لهذا المستوى.',
    cheapest: 'أرخص نموذج في المستوى المطلوب.',
    below: 'لا نموذج في المستوى المطلوب يستطيع هذا؛ وهذا أقرب ما دونه.',
    down: 'كلّ النماذج التوليدية القادرة على هذا معطّلة الآن.',
    spared: 'أدنى من المستوى المطلوب الذي نماذجه ليست أفضل وتكلّف أكثر، أو أكثر ممّا بقي.',
    plain: 'نماذج المستوى المطلوب لا يمكن إيقاف تفكيرها؛ وهذا أقرب ما دونه.',
    adequate: 'أرخص نموذج وجده الناس كافيًا لهذا.',
    nearest: 'لم يُعرف بعدُ نموذج يكفي لهذا؛ وهذا أفضل ما عُرف ويستحقّ تكلفته.',
    unjudged: 'تبيّن أنّ الأرخص لا يكفي لهذا، ولا يُعرف عن هذا النموذج ما يكفي بعد.',
    trial: 'يُجرَّب في بعض المرّات لمعرفة هل يكفي لهذا.',
    failover: 'لم يُجب نموذج يسبقه في الترتيب.',
    'out-of-order': 'نموذج يسبقه في الترتيب معطّل الآن.',
    left: 'ما بقي من الحصّة لا يكفي لنموذج يسبقه في الترتيب.',
    agreed: 'لم تتمّ الموافقة إلّا على الاقتباسات.',
    'no-quotes': 'لا يجيب عن هذا شيء ممّا يمكن اقتباسه.',
    'over-ceiling': 'أبلغ خادم النموذج عن استهلاك يفوق المسموح به: أرقامه هنا كما أبلغ عنها، ولم يُقتطع من الحصّة إلّا الحدّ الأقصى المتّفق عليه.',
    thinks: 'لا يمكن إيقاف تفكير هذا النموذج، ولا غيره حتّى المستوى المطلوب يستطيع هذا.',
  },
  energyName: 'الطاقة',
  carbonName: 'مكافئ CO₂ للكهرباء',
  makingName: 'صنع الأجهزة',
  making: ([shown, spoken]) => [`${shown} من مكافئ CO₂`, `${spoken} من مكافئ CO₂`],
  zone: (zone, year) => `${zone === 'WOR' ? 'متوسّط العالم' : zone} ${year}`,
  quotesAlone: 'الاقتباسات وحدها',
  support: 'رقم للدعم',

  allowance: name => name,
  meter: (used, setAside) => setAside ? `استُهلك ${used}، وحُجز ${setAside}.` : `استُهلك ${used}.`,
  meterFull: 'نفدت.',

  started: title => `${title}: جارٍ الكتابة. يمكنك متابعة القراءة.`,
  stillWriting: 'ما زالت الكتابة جارية. يمكنك متابعة القراءة.',
  finished: title => `${title}: اكتمل.`,
}

export const arabic: Language = { locale: 'ar', words }
