/** React's end of the store: the lab in a context, and a hook that reads one narrow slice. */
import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import type { Lab } from './lab.ts';
import type { LabState } from './store.ts';

export const LabContext = createContext<Lab | null>(null);

export function useLab(): Lab {
  const lab = useContext(LabContext);
  if (!lab) throw new Error('The lab is missing above this component.');
  return lab;
}

/** Renders again only when the slice is another value. */
export function useSlice<T>(slice: (state: LabState) => T): T {
  return useStore(useLab().store, slice);
}
