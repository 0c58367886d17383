import type { Meta, StoryObj } from '@storybook/react-vite'
import { arabic, BudgetMeter, OptIn } from 'sparing/react'
import type { OptInProps } from 'sparing/react'
import { expect, userEvent, waitFor, within } from 'storybook/test'
import { scripts, Stage } from './support/stage.tsx'
import type { StageProps } from './support/stage.tsx'

interface Args extends Omit<StageProps, 'children'> {
  readonly control?: Partial<OptInProps>
}

const article = {
  query: 'كيف ألغي طلبًا عند إزالة المكوّن من الصفحة؟',
  text: 'تدعم واجهة الجلب إلغاء الطلبات مباشرة. مرّر الإشارة مع الطلب واستدعِ الإلغاء حين لا تعود النتيجة مطلوبة. وتعمل دالّة التنظيف قبل كلّ تشغيل جديد، ومرّة أخيرة عند إزالة المكوّن.',
}

const answer = 'أنشئ متحكّم إلغاء، ومرّر إشارته مع الطلب، ثم استدعِ الإلغاء في دالّة التنظيف.'

/** Says half, and then nothing until it is stopped. */
const stalls: StageProps['script'] = async function* ({ signal }) {
  yield answer.slice(0, 48)
  await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}

const fails: StageProps['script'] = async function* () {
  yield answer.slice(0, 12)
  throw new Error('The upstream broke off.')
}

const Results = () => (
  <article>
    <h3 style={{ font: '600 18px/26px var(--sparing-font)', margin: 0, color: 'var(--sparing-link)' }}>إلغاء الطلبات</h3>
    <p style={{ margin: 0 }}>تدعم واجهة الجلب إلغاء الطلبات مباشرة.</p>
  </article>
)

const meta = {
  title: 'OptIn/Arabic',
  args: { theme: 'light', language: arabic, script: [answer] },
  argTypes: { theme: { control: 'inline-radio', options: ['light', 'dark'] } },
  render: ({ control, ...stage }) => (
    <Stage {...stage}>
      <div lang="ar" dir="rtl">
        <OptIn feature="answer" input={article} baseline={<Results />} headingLevel={3} {...control}>{run => <p style={{ margin: 0 }}>{run.text}</p>}</OptIn>
        <div style={{ marginBlockStart: 24 }}><BudgetMeter /></div>
      </div>
    </Stage>
  ),
} satisfies Meta<Args>

export default meta
type Story = StoryObj<Args>

async function press(canvasElement: HTMLElement, name: string): Promise<void> {
  const button = await within(await within(canvasElement).findByRole('region')).findByRole('button', { name })
  await new Promise(resolve => setTimeout(resolve, 650))
  await userEvent.click(button)
}

/** What is shown may be spoken in other words or in the same. */
const shows = (canvasElement: HTMLElement, text: RegExp) => within(canvasElement).findAllByText(text)

export const Off: Story = { play: async ({ canvasElement }) => void await shows(canvasElement, /على الأكثر/) }

export const OffDetailsOpen: Story = {
  play: async ({ canvasElement }) => {
    await press(canvasElement, 'التفاصيل')
    await shows(canvasElement, /مصباح 10 واط/)
  },
}

/** Where digits are of another form, all of them are. */
const eastern = async (canvasElement: HTMLElement) => {
  const figures = canvasElement.querySelectorAll('.sparing-hint, .sparing-details dd, .sparing-cost > p, .sparing-said, .sparing-meter')
  await waitFor(() => expect([...figures].map(each => each.textContent).filter(text => /[0-9]/.test(text))).toEqual([]))
}

const egypt = { locale: 'ar-EG', pays: true, currency: { code: 'EGP', perUsd: 50 } }

export const EasternDigits: Story = {
  args: egypt,
  play: async ({ canvasElement }) => {
    await press(canvasElement, 'التفاصيل')
    await shows(canvasElement, /مصباح ١٠ واط/)
    await eastern(canvasElement)
  },
}

export const EasternDigitsOfAReceipt: Story = {
  args: { ...egypt, pays: false },
  play: async ({ canvasElement }) => {
    await press(canvasElement, 'أجب بالذكاء الاصطناعي')
    await press(canvasElement, 'الإيصال')
    await shows(canvasElement, /متوسّط العالم ٢٠٢٥/)
    await eastern(canvasElement)
  },
}

export const Asking: Story = {
  args: { control: { tier: 'max', effort: 'high' } },
  play: async ({ canvasElement }) => {
    await press(canvasElement, 'أجب بالذكاء الاصطناعي')
    await shows(canvasElement, /تفكير أطول؟/)
  },
}

export const WideRange: Story = { ...OffDetailsOpen, args: { control: { tier: 'max', effort: 'high' } } }

export const UnknownPrice: Story = {
  args: { models: { eco: ['in-house'] }, budgets: [], server: { budgets: [] } },
  play: async ({ canvasElement }) => void await shows(canvasElement, /التكلفة غير معروفة/),
}

const begun: Story['play'] = async ({ canvasElement }) => {
  await press(canvasElement, 'أجب بالذكاء الاصطناعي')
}

export const Running: Story = {
  args: { script: stalls },
  play: async context => {
    await begun(context)
    await within(context.canvasElement).findByText(/أنشئ متحكّم إلغاء/)
  },
}

export const Thinking: Story = {
  args: { script: scripts.thinks },
  play: async context => {
    await begun(context)
    await shows(context.canvasElement, /جارٍ التفكير/)
  },
}

export const Failed: Story = {
  args: { script: fails },
  play: async context => {
    await begun(context)
    await shows(context.canvasElement, /لم يكتمل/)
  },
}

export const PriceChanged: Story = {
  args: { discount: 0.4 },
  play: async context => {
    await begun(context)
    await shows(context.canvasElement, /لم يُستهلك شيء/)
  },
}

export const RefusedByPolicy: Story = {
  args: { server: { features: { answer: { task: 'answer', baseline: 'search', tier: 'max', mode: 'off' } } } },
  play: async ({ canvasElement }) => void await shows(canvasElement, /أوقفت Acme/),
}

export const Done: Story = {
  play: async ({ canvasElement }) => {
    await press(canvasElement, 'أجب بالذكاء الاصطناعي')
    await press(canvasElement, 'الإيصال')
    await shows(canvasElement, /رقم للدعم/)
  },
}

export const UsedUp: Story = {
  args: { budgets: [{ id: 'mine', per: 'day', limit: { usd: 0.000_001 } }] },
  play: async ({ canvasElement }) => void await shows(canvasElement, /كامل حصّة اليوم/),
}

export const DarkDone: Story = { ...Done, args: { theme: 'dark' } }
