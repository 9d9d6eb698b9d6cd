"""Files as others write them: the shapes of published samples, with values of ours.

Green Button: the feeds of the Green Button SDK (greenbuttondata.org; links that begin
with a slash, several blocks in one content, no quality). CIM: a MeterReadings message of
a head-end system with kWh and several qualities. MSCONS: the BDEW MIG's example of a
profile (2.4c) and a substitute value as grid operators send it.
"""

from datetime import UTC, datetime, timedelta

import pytest

from cem_core.exchange import CurveError, Status, cim, espi, mscons
from cem_core.model import Direction

GREEN_BUTTON = """<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet type="text/xsl" href="GreenButtonDataStyleSheet.xslt"?>
<!-- a comment -->
<feed xmlns="http://www.w3.org/2005/Atom"
    xsi:schemaLocation="http://naesb.org/espi espi.xsd"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <id>urn:uuid:6F1FBF52-6074-4F31-B411-46B444107FA6</id>
  <entry>
    <link rel="self" href="/User/9b6c7063/UsagePoint/01"/>
    <link rel="related" href="/User/9b6c7063/UsagePoint/01/MeterReading"/>
    <title>1 Example Street</title>
    <content><UsagePoint xmlns="http://naesb.org/espi">
      <ServiceCategory><kind> 0 </kind></ServiceCategory>
    </UsagePoint></content>
  </entry>
  <entry>
    <link rel="self" href="/User/9b6c7063/UsagePoint/01/MeterReading/01"/>
    <link rel="up" href="/User/9b6c7063/UsagePoint/01"/>
    <link rel="related"
      href="/User/9b6c7063/UsagePoint/01/MeterReading/01/IntervalBlock"/>
    <link rel="related" href="/ReadingType/07"/>
    <title>Energy Consumption</title>
    <content><MeterReading xmlns="http://naesb.org/espi"/></content>
  </entry>
  <entry>
    <link rel="self"
      href="/User/9b6c7063/UsagePoint/01/MeterReading/01/IntervalBlock/0173"/>
    <content>
      <IntervalBlock xmlns="http://naesb.org/espi">
        <interval><duration>1800</duration><start>1314835200</start></interval>
        <IntervalReading><cost>672</cost><timePeriod><duration>900</duration>
          <start>1314835200</start></timePeriod><value>2240</value></IntervalReading>
        <IntervalReading><cost>672</cost><timePeriod><duration>900</duration>
          <start>1314836100</start></timePeriod><value>2255</value></IntervalReading>
      </IntervalBlock>
      <IntervalBlock xmlns="http://naesb.org/espi">
        <interval><duration>1800</duration><start>1314837000</start></interval>
        <IntervalReading><ReadingQuality><quality>8</quality></ReadingQuality>
          <timePeriod><duration>900</duration><start>1314837000</start></timePeriod>
          <value>6720</value></IntervalReading>
      </IntervalBlock>
    </content>
  </entry>
  <entry>
    <link rel="self" href="/ReadingType/07"/>
    <content><ReadingType xmlns="http://naesb.org/espi">
      <accumulationBehaviour>4</accumulationBehaviour><commodity>1</commodity>
      <flowDirection>1</flowDirection><intervalLength>900</intervalLength>
      <kind>12</kind><powerOfTenMultiplier>-1</powerOfTenMultiplier><uom>72</uom>
    </ReadingType></content>
  </entry>
</feed>"""


def test_green_button_of_an_energy_company() -> None:
    (found,) = espi.read(GREEN_BUTTON)
    assert (found.meter_id, found.direction) == ("1 Example Street", Direction.IMPORT)
    assert found.start == datetime(2011, 9, 1, tzinfo=UTC)
    assert [each.energy_wh for each in found.intervals] == [224, 226, 672, None]
    assert [each.status for each in found.intervals] == [
        Status.METERED,
        Status.METERED,
        Status.ESTIMATED,
        Status.MISSING,
    ]


def test_green_button_without_links_is_read_in_its_order() -> None:
    lines = [each for each in GREEN_BUTTON.splitlines() if "link rel" not in each]
    text = "\n".join(each for each in lines if not each.strip().startswith("href"))
    (found,) = espi.read(text)
    assert found.energy_wh == 224 + 226 + 672


def test_green_button_of_water_is_no_load_curve() -> None:
    with pytest.raises(CurveError, match="no load curve"):
        espi.read(GREEN_BUTTON.replace("<uom>72</uom>", "<uom>134</uom>"))


HEAD_END = """<EventMessage xmlns="http://iec.ch/TC57/2011/schema/message">
 <Header><Verb>created</Verb><Noun>MeterReadings</Noun></Header>
 <Payload>
  <m:MeterReadings xmlns:m="http://iec.ch/TC57/2011/MeterReadings#">
   <m:MeterReading>
    <m:IntervalBlocks>
     <m:IntervalReadings>
      <m:timeStamp>2022-11-18T06:45:00.000+08:00</m:timeStamp>
      <m:value>1.2345</m:value>
      <m:ReadingQualities><m:source>HES</m:source>
       <m:ReadingQualityType ref="1.0.0"/></m:ReadingQualities>
      <m:ReadingQualities><m:comment>4057</m:comment>
       <m:ReadingQualityType ref="5.4.260"/></m:ReadingQualities>
     </m:IntervalReadings>
     <m:IntervalReadings>
      <m:timeStamp>2022-11-18T07:15:00.000+08:00</m:timeStamp>
      <m:value>0.5</m:value>
      <m:ReadingQualities><m:ReadingQualityType ref="3.8.1"/></m:ReadingQualities>
     </m:IntervalReadings>
     <m:ReadingType ref="0.0.2.4.19.1.12.0.0.0.0.2.0.0.0.3.72.0"/>
    </m:IntervalBlocks>
    <m:Meter><m:mRID>7b1d</m:mRID><m:Names><m:name>M-1</m:name></m:Names></m:Meter>
   </m:MeterReading>
  </m:MeterReadings>
 </Payload>
</EventMessage>"""


def test_cim_of_a_head_end_system() -> None:
    (found,) = cim.read(HEAD_END)
    assert (found.meter_id, found.register) == ("M-1", "1-0:2.8.2")
    assert found.direction is Direction.EXPORT
    assert found.start == datetime(2022, 11, 17, 22, 30, tzinfo=UTC)
    assert [each.energy_wh for each in found.intervals] == [1234, None, 500]
    assert [each.status for each in found.intervals] == [
        Status.METERED,
        Status.MISSING,
        Status.ESTIMATED,
    ]


PROFILE = """UNA:+.? '
UNB+UNOC:3+9900000000001:500+4012345000009:14+210601:1151+ABC4711++TL'
UNH+1+MSCONS:D:04B:UN:2.4c'
BGM+7+MSI5422+9'
DTM+137:202106011315?+00:303'
RFF+Z13:13025'
NAD+MS+9900000000001::293'
CTA+IC+:P GETTY'
COM+no-reply@example.com:EM'
NAD+MR+4012345000009::9'
UNS+D'
NAD+DP'
LOC+172+DE00000000000000000000000000000001'
DTM+163:202102012300?+00:303'
DTM+164:202102020000?+00:303'
LIN+1'
PIA+5+1-1?:1.29.1:SRW'
QTY+220:4250.465:KWH'
DTM+163:202102012300?+00:303'
DTM+164:202102012315?+00:303'
QTY+67:4250:KWH'
DTM+163:202102012315?+00:303'
DTM+164:202102012330?+00:303'
STS+Z32++Z92'
STS+Z40++Z74'
QTY+20:0:KWH'
DTM+163:202102012330?+00:303'
DTM+164:202102012345?+00:303'
UNT+27+1'
UNZ+1+ABC4711'
"""


def test_mscons_of_a_grid_operator() -> None:
    (found,) = mscons.read(PROFILE)
    assert found.meter_id == "DE00000000000000000000000000000001"
    assert found.register == "1-1:1.8.1"
    assert found.resolution == timedelta(minutes=15)
    assert [each.energy_wh for each in found.intervals] == [
        4_250_465, 4_250_000, None, None,
    ]  # fmt: skip
    assert [each.status.value for each in found.intervals] == [
        "metered", "estimated", "missing", "missing",
    ]  # fmt: skip


def test_mscons_with_other_signs_and_released_ones() -> None:
    other = PROFILE.replace("?:", "\0").replace("?+", "\1")
    other = other.replace("'", "~").replace("\0", "!:").replace("\1", "!+")
    assert mscons.read(other.replace("UNA:+.? ~", "UNA:+.! ~")) == mscons.read(PROFILE)
