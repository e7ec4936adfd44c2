import { api, done, type Schema } from '../api/client'
import { toasts } from '../lib/toasts.svelte'
import { look } from '../lib/theme.svelte'
import { language } from '../lib/words.svelte'

type Kept = Schema<'WebSettings'>

const key = 'tmates.language'

/** What a person likes, kept on the server for all their devices. */
class Preferences {
  language = $state(localStorage.getItem(key) ?? 'system')
  sendWith: Kept['send_with'] = $state('enter')
  notifications = $state(false)
  /** Null until it is known. */
  checklistDismissed: boolean | null = $state(null)

  begin(signedIn: boolean): void {
    this.checklistDismissed = null
    if (signedIn) done(api.GET('/v1/settings/web')).then((kept) => this.#take(kept)).catch(() => {}) // the defaults do
  }

  async change(part: Partial<Kept>): Promise<void> {
    this.#take(part)
    try {
      this.#take(await done(api.PATCH('/v1/settings/web', { body: part })))
    } catch (err) {
      toasts.fail(err)
    }
  }

  #take(kept: Partial<Kept>): void {
    if (kept.theme) look.use(kept.theme)
    if (kept.language && kept.language !== this.language) {
      this.language = kept.language
      localStorage.setItem(key, kept.language)
      void language.use(kept.language)
    }
    this.sendWith = kept.send_with ?? this.sendWith
    this.notifications = kept.notifications ?? this.notifications
    this.checklistDismissed = kept.checklist_dismissed ?? this.checklistDismissed
  }
}

export const preferences = new Preferences()
