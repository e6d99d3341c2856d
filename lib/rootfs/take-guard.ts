export * from '../export/take-guard.ts';
