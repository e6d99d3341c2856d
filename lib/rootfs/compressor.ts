export * from '../export/compressor.ts';
