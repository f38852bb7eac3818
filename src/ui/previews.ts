/** Previews of the data of both roles: asked for when what they depend on has changed, and typing has paused. */
import type { LabClient } from '../worker/client.ts';
import { asked, basisOf, type LabState, type LabStore, type Role, ROLES, sentenceOf, withRole } from './store.ts';

/** A pause in typing before a preview is asked for, ms. */
const TYPING = 250;

export class Previews {
  readonly #store: LabStore;
  readonly #keys: Record<Role, string> = { source: '', downstream: '' };
  /** Whose data the preview that is shown is of. */
  readonly #shown: Record<Role, string> = { source: '', downstream: '' };
  readonly #timers: Partial<Record<Role, ReturnType<typeof setTimeout>>> = {};

  constructor(store: LabStore) {
    this.#store = store;
  }

  /** From a fresh worker, whether anything changed or not. */
  anew(client: LabClient): void {
    for (const role of ROLES) {
      this.#keys[role] = '';
      void this.#draw(client, role);
    }
  }

  /** Settings or data may have changed. */
  settle(client: LabClient): void {
    for (const role of ROLES) {
      clearTimeout(this.#timers[role]);
      this.#timers[role] = setTimeout(() => void this.#draw(client, role), TYPING);
    }
  }

  async #draw(client: LabClient, role: Role): Promise<void> {
    const state = this.#store.getState();
    if (state.device.state !== 'open') return;
    const key = previewKey(state, role);
    if (key === this.#keys[role]) return;
    this.#keys[role] = key;
    withRole(this.#store, role, { busy: true });
    const data = state.settings.config[`${role}.data`];
    try {
      const preview = await client.request('preview', { role, config: asked(state) });
      if (this.#keys[role] !== key) return;
      this.#shown[role] = data;
      withRole(this.#store, role, { preview, previewFault: null, fitting: null, busy: false });
    } catch (error) {
      if (this.#keys[role] !== key) return;
      // A worker that was ended or died answers nothing; that is no fault of the data.
      const open = this.#store.getState().device.state === 'open';
      if (!open) return withRole(this.#store, role, { busy: false });
      // Whatever is wrong besides the sizes has been said.
      const fitting = role === 'downstream' ? await client.request('fitSizes', { config: asked(state) }).catch(() => null) : null;
      const other = this.#shown[role] !== data;
      const whole = other ? await client.request('wholePreview', { role, config: asked(state) }).catch(() => null) : null;
      if (this.#keys[role] !== key) return;
      if (other) this.#shown[role] = whole ? data : '';
      withRole(this.#store, role, { busy: false, previewFault: sentenceOf(error), fitting, ...(other ? { preview: whole } : {}) });
    }
  }
}

/** All that a role's preview depends on. */
function previewKey(state: LabState, role: Role): string {
  const own = Object.entries(state.settings.config).filter(([key]) => key === 'seed' || key.startsWith(`${role}.`) || key.startsWith('toy.') || key.startsWith('scenes.'));
  return JSON.stringify([own, basisOf(state).data[role]]);
}
