/** What is carried when Freight is dragged. */
export const FREIGHT_TYPE = "application/x-argosy-freight";
