/** The 80 classes of COCO in the order in which models number them, in the words of core/domain/detection.ts. */
import { objectLabels, type ObjectLabel } from '#core/domain/detection.ts';

export const cocoLabels: readonly string[] = (
  'person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,fire hydrant,stop sign,parking meter,bench,' +
  'bird,cat,dog,horse,sheep,cow,elephant,bear,zebra,giraffe,backpack,umbrella,handbag,tie,suitcase,frisbee,skis,' +
  'snowboard,sports ball,kite,baseball bat,baseball glove,skateboard,surfboard,tennis racket,bottle,wine glass,cup,fork,' +
  'knife,spoon,bowl,banana,apple,sandwich,orange,broccoli,carrot,hot dog,pizza,donut,cake,chair,couch,potted plant,bed,' +
  'dining table,toilet,tv,laptop,mouse,remote,keyboard,cell phone,microwave,oven,toaster,sink,refrigerator,book,clock,' +
  'vase,scissors,teddy bear,hair drier,toothbrush'
).split(',');

const known: ReadonlySet<string> = new Set(objectLabels);

/** A model's own word for a class, as one of ours; null for what Porchlight does not report. */
export function toObjectLabel(word: string): ObjectLabel | null {
  const name = word.trim().toLowerCase();
  const common = name === 'motorbike' ? 'motorcycle' : name === 'bike' ? 'bicycle' : name;
  return known.has(common) ? (common as ObjectLabel) : null;
}
