/** One line of the table. Either `skipped` or `measured` is there. */
export interface Row {
  what: string;
  measured?: string;
  against?: string;
  ratio?: number;
  target?: string;
  met?: boolean;
  skipped?: string;
}

export type Bench = () => AsyncGenerator<Row>;
