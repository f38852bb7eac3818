/** A panel's settings: the important ones in sight, the others folded under them; how many differ from the preset. */
import { memo, useState } from 'react';
import { useSlice } from '../context.ts';
import { isOfSource } from '../../experiment/config.ts';
import { Field } from './Field.tsx';
import { type Group, type GroupName, GROUPS } from './groups.ts';

/** `disabled`: an imported prior makes the source's own settings irrelevant; others of the group stay. */
export const FirstSettings = memo(function FirstSettings({ group, disabled = false }: { group: GroupName; disabled?: boolean }) {
  return (
    <div className="first-settings">
      {GROUPS[group].first.map((key) => <Field key={key} setting={key} disabled={disabled && isOfSource(key)} />)}
    </div>
  );
});

export const MoreSettings = memo(function MoreSettings({ group, disabled = false }: { group: GroupName; disabled?: boolean }) {
  const { more }: Group = GROUPS[group];
  const changed = useSlice((state) => more.filter((key) => key in state.settings.edits).length);
  const faulty = useSlice((state) => more.some((key) => key in state.settings.faults));
  const [unfolded, setUnfolded] = useState(false);
  const open = unfolded || faulty;
  return (
    <details className="more-settings" open={open} onToggle={(event) => setUnfolded(event.currentTarget.open)}>
      <summary>
        {GROUPS[group].first.length > 0 ? 'More settings' : 'Settings'}
        {changed > 0 && <span className="changed">{changed} changed</span>}
      </summary>
      {open && <div className="more-fields">{more.map((key) => <Field key={key} setting={key} disabled={disabled && isOfSource(key)} />)}</div>}
    </details>
  );
});
