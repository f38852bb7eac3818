/** The kinds a setting can have, each with its bounds, default and words; `settings.ts` is written in these. */
import type { Stage } from './settings.ts';

interface Base {
  stage: Stage;
  label: string;
  help: string;
  unit?: string;
}
export interface IntegerSetting extends Base { kind: 'integer'; default: number; min: number; max: number }
export interface NumberSetting extends Base { kind: 'number'; default: number; min: number; max: number }
export interface TextSetting extends Base { kind: 'text'; default: string }
export interface ChoiceSetting<T extends string = string> extends Base { kind: 'choice'; default: T; options: readonly T[] }
export interface ChoicesSetting<T extends string = string> extends Base { kind: 'choices'; default: readonly T[]; options: readonly T[] }
/** Positive numbers, ascending as written. */
export interface NumbersSetting extends Base { kind: 'numbers'; default: readonly number[]; min: number; max: number; integer: boolean }
/** Class names; empty means all. */
export interface NamesSetting extends Base { kind: 'names'; default: readonly string[] }

export type Setting =
  | IntegerSetting | NumberSetting | TextSetting | ChoiceSetting | ChoicesSetting | NumbersSetting | NamesSetting;

interface Bounds { min: number; max: number; unit?: string }

export function integer(stage: Stage, label: string, help: string, value: number, bounds: Bounds): IntegerSetting {
  return { kind: 'integer', stage, label, help, default: value, ...bounds };
}
export function number(stage: Stage, label: string, help: string, value: number, bounds: Bounds): NumberSetting {
  return { kind: 'number', stage, label, help, default: value, ...bounds };
}
export function text(stage: Stage, label: string, help: string, value: string): TextSetting {
  return { kind: 'text', stage, label, help, default: value };
}
export function choice<const T extends string>(stage: Stage, label: string, help: string, value: NoInfer<T>, options: readonly T[]): ChoiceSetting<T> {
  return { kind: 'choice', stage, label, help, default: value, options };
}
export function choices<const T extends string>(stage: Stage, label: string, help: string, value: readonly NoInfer<T>[], options: readonly T[]): ChoicesSetting<T> {
  return { kind: 'choices', stage, label, help, default: value, options };
}
export function numbers(stage: Stage, label: string, help: string, value: readonly number[], bounds: Bounds): NumbersSetting {
  return { kind: 'numbers', stage, label, help, default: value, integer: false, ...bounds };
}
export function integers(stage: Stage, label: string, help: string, value: readonly number[], bounds: Bounds): NumbersSetting {
  return { kind: 'numbers', stage, label, help, default: value, integer: true, ...bounds };
}
export function names(stage: Stage, label: string, help: string): NamesSetting {
  return { kind: 'names', stage, label, help, default: [] };
}
