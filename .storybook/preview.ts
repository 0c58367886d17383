import 'sparing/react/styles.css'
import type { Preview } from '@storybook/react-vite'

const preview: Preview = {
  parameters: {
    // A story with an accessibility violation is a failing test.
    a11y: { test: 'error' },
    // Every story brings its own gutters.
    layout: 'fullscreen',
    controls: { matchers: { date: /(At|Date)$/ } },
    options: { storySort: { order: ['Docs', ['Start', '*'], '*'] } },
  },
}

export default preview
