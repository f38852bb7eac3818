/** A panel's settings: the important ones in sight, the others folded under them; how many differ from the preset. */
import { memo, type ReactNode, useState } from 'react';
import { useSlice } from '../context.ts';
import { isOffered, isOfSource } from '../../experiment/config/config.ts';
import type { SettingKey } from '../../experiment/config/settings.ts';
import { Field } from './Field.tsx';
import { type Group, type GroupName, GROUPS } from './groups.ts';

/** The settings that say something about the data at hand. */
function useOffered(keys: readonly SettingKey[]): readonly SettingKey[] {
  const shown = useSlice((state) => keys.filter((key) => isOffered(key, state.settings.config)).join());
  return keys.filter((key) => shown.split(',').includes(key));
}

/** `disabled`: an imported prior makes the source's own settings irrelevant; others of the group stay. */
export const FirstSettings = memo(function FirstSettings({ group, disabled = false }: { group: GroupName; disabled?: boolean }) {
  const shown = useOffered(GROUPS[group].first);
  return (
    <div className="first-settings">
      {shown.map((key) => <Field key={key} setting={key} disabled={disabled && isOfSource(key)} />)}
    </div>
  );
});

/** `children` stand before the fields. */
export const MoreSettings = memo(function MoreSettings({ group, disabled = false, children }: { group: GroupName; disabled?: boolean; children?: ReactNode }) {
  const { more: all, first }: Group = GROUPS[group];
  const more = useOffered(all);
  const changed = useSlice((state) => more.filter((key) => key in state.settings.edits).length);
  const faulty = useSlice((state) => more.some((key) => key in state.settings.faults));
  const [unfolded, setUnfolded] = useState(false);
  const open = unfolded || faulty;
  return (
    <details className="more-settings" open={open} onToggle={(event) => setUnfolded(event.currentTarget.open)}>
      <summary>
        {first.length > 0 ? 'More settings' : 'Settings'}
        {changed > 0 && <span className="changed">{changed} changed</span>}
      </summary>
      {open && <div className="more-fields">{children}{more.map((key) => <Field key={key} setting={key} disabled={disabled && isOfSource(key)} />)}</div>}
    </details>
  );
});
