declare module 'virtual:documents' {
  const documents: Readonly<Record<string, import('./document.ts').LossDocument>>;
  export default documents;
}
declare module '*.css';
